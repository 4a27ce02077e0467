/**
 * What a link between nodes promises: views, sessions, and messages as bytes.
 *
 * <p>Read {@link io.heliodor.link.Link} first.
 */
package io.heliodor.link;
