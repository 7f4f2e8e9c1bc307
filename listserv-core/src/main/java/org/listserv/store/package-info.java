/// The connection pools, Hibernate, migrations, transactions, the clock and wake-ups.
/// The only place where any of these is set up; everything durable in the system is in the PostgreSQL behind it.
/// Statements that move a post stand beside the feature that owns them, not here.
@NullMarked
package org.listserv.store;

import org.jspecify.annotations.NullMarked;
