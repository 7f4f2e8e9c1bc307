/// The program: command line, configuration, wiring of a node, and the demo.
/// The only package that knows all others; reading its wiring is reading the system.
/// It holds no rule about lists or mail.
@NullMarked
package org.listserv.deploy;

import org.jspecify.annotations.NullMarked;
