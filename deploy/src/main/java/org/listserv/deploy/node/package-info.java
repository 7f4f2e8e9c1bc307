/// What a node is made of, wired by hand: reading [Core] and [Node] is reading the system.
/// Nothing here knows mail or lists; it only says which part is given which others, in which order they start, and how they end.
@NullMarked
package org.listserv.deploy.node;

import org.jspecify.annotations.NullMarked;
