/// What comes back: delivery reports in, failures counted, subscriptions suspended.
/// A failure counts once per post, however often it is reported.
/// The probe and the farewell are written by `notices`.
@NullMarked
package org.listserv.bounce;

import org.jspecify.annotations.NullMarked;
