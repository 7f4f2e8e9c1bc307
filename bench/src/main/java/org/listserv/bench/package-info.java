/// Benchmarks and the fault test of a cluster.
/// They drive the program from outside, as its users do: whole processes, SMTP, the database's tables and its wire. What they check is
/// computed by their own code, never by the program's. Nothing depends on this package.
@NullMarked
package org.listserv.bench;

import org.jspecify.annotations.NullMarked;
