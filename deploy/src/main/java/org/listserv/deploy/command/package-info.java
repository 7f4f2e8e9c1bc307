/// The commands: each reads its words, asks a feature, and prints what came of it as text or JSON.
/// Nothing is decided here that mail or the web pages would have to decide as well, and no Spring context is started
/// except by the two commands that run a node.
@NullMarked
package org.listserv.deploy.command;

import org.jspecify.annotations.NullMarked;
