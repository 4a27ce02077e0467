/**
 * A page for operators: the nodes, connections, topics and users of a cluster, live.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.dashboard;
