/// Mail we write ourselves: welcome, held, rejected, and what the postmaster must know.
/// Every notice is owed in the same commit as the event it tells of, and to a forged address never.
/// It goes out like any copy, through `delivery`.
@NullMarked
package org.listserv.notices;

import org.jspecify.annotations.NullMarked;
