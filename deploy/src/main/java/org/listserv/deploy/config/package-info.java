/// The configuration: which keys there are, where their values come from, and all that is wrong with them at once.
/// The records it fills belong to the features that use them; this package only knows how people write the values.
/// It opens nothing and connects to nobody.
@NullMarked
package org.listserv.deploy.config;

import org.jspecify.annotations.NullMarked;
