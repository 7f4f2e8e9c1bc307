/// Benchmarks and the fault test of a cluster.
/// They drive the program from outside, as its users do, and print figures with the command that gives them.
/// Nothing depends on this package.
@NullMarked
package org.listserv.bench;

import org.jspecify.annotations.NullMarked;
