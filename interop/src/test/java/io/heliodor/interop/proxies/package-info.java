/** The proxies of the guide, in front of a web server and two nodes. */
package io.heliodor.interop.proxies;
