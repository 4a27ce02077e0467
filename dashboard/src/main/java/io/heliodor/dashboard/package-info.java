/** A page for operators: the nodes, connections, topics and users of a cluster, live. */
package io.heliodor.dashboard;
