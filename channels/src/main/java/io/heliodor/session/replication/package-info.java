/** The exchange of the histories of topics between nodes: catch-up, comparison, copies and hand-over. */
package io.heliodor.session.replication;
