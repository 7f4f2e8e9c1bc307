package org.listserv.web;

import jakarta.servlet.http.HttpServletRequest;

import org.listserv.archive.Reader;

/// Who asks, by what a request brings along. The one place where a request becomes a [Reader]; what that reader may see is then decided in
/// the archive's statements.
interface Readers {
    /// Until there are accounts everyone is a stranger, whatever the request says.
    Readers STRANGERS = _ -> Reader.ANONYMOUS;

    Reader of(HttpServletRequest request);
}
