/// What every page shares: the places a reader can ask for, the frame around a page, the style sheet,
/// and the answers for what is missing or away. Knows no list and no post; the page groups do.
@NullMarked
package org.listserv.web.page;

import org.jspecify.annotations.NullMarked;
