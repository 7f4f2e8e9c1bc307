package org.listserv.archive;

/// A part of a message as a file. Sent with `Content-Disposition: attachment` and `X-Content-Type-Options: nosniff`.
///
/// @param fileName  without directories, control characters or a leading dot
/// @param mediaType what it may safely be called, often `application/octet-stream`; never anything a browser would run
/// @param content   decoded octets; not to be changed
public record Download(String fileName, String mediaType, byte[] content) {}
