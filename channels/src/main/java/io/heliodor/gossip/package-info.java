/**
 * State that no node of a pub/sub may miss: broadcast at once, compared later (Demers and others, "Epidemic algorithms for
 * replicated database maintenance", 1987).
 */
package io.heliodor.gossip;
