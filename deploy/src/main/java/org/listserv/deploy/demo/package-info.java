/// `listserv demo`: the whole system on loopback, with a database, a relay and mailboxes of its own, all below one folder.
/// What it starts is the same node that `serve` starts, from a configuration file that it writes; only what surrounds the node is made up.
/// The only package that starts a database or a mailbox server.
@NullMarked
package org.listserv.deploy.demo;

import org.jspecify.annotations.NullMarked;
