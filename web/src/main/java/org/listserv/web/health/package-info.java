/// What the machines around a node ask: is it alive, may it get work, how much has it done.
/// What "ready" means is decided by the parts of the node, each by a [org.listserv.web.health.HealthCheck].
@NullMarked
package org.listserv.web.health;

import org.jspecify.annotations.NullMarked;
