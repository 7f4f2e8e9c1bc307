/// Pages and JSON over HTTP, one package per page group, each template beside its handler.
/// GET changes nothing, and access is part of the query that fetches a row.
/// What a page shows comes from `archive` and the features of the core.
@NullMarked
package org.listserv.web;

import org.jspecify.annotations.NullMarked;
