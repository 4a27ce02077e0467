/** The endpoints of other nodes: health, requests, member counts and pushes to ids. */
package io.heliodor.session.cluster;
