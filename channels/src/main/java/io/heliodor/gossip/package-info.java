/**
 * Replicated sets of entries: each change is broadcast at once, and replicas are compared periodically (Demers and others, "Epidemic
 * algorithms for replicated database maintenance", 1987).
 */
package io.heliodor.gossip;
