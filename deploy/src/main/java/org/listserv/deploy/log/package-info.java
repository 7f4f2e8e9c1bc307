/// Where events go. The only package that names the logging library; everybody else speaks SLF4J.
@NullMarked
package org.listserv.deploy.log;

import org.jspecify.annotations.NullMarked;
