/** The endpoints of other nodes: health, requests and member counts. */
package io.heliodor.session.cluster;
