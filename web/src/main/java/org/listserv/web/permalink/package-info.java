/// From names and addresses, ours and those of archives before us, to pages: the resolver, and what programs asked Pony Mail for.
/// What a name stands for is in the database (`legacy_id`, `former_name`); which names an address holds is told by `OldAddress` alone.
@NullMarked
package org.listserv.web.permalink;

import org.jspecify.annotations.NullMarked;
