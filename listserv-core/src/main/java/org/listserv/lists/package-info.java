/// A list, its settings, and which address at its domain means what.
/// Settings are typed columns, read as one immutable value.
/// Who is subscribed belongs to `members`, what happens to a message to `reception`.
@NullMarked
package org.listserv.lists;

import org.jspecify.annotations.NullMarked;
