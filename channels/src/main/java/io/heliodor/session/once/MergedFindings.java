package io.heliodor.session.once;

import io.heliodor.once.Finding;
import io.heliodor.once.KeyOwner;
import java.util.Map;
import java.util.Set;

/**
 * The state of a key at the other nodes together. Pure.
 *
 * @param self the owner of the calls of this node
 * @param responses by the names of the nodes
 * @param members the names of the nodes in the view, after the responses
 */
record MergedFindings(KeyOwner self, Map<String, Response> responses, Set<String> members) {
    /** How a node responded. */
    sealed interface Response {
        /** It has calls of its own, and something or nothing of the key. */
        record Found(KeyOwner from, Finding finding) implements Response {}

        /** It has no endpoint. */
        record Absent() implements Response {}

        /** It did not respond, or left. The key may have moved from it to a node that responded before. */
        record Silent() implements Response {}
    }

    /** The execution of a call decides, a doubt comes after it, and nothing counts only if it is that of all. */
    Finding finding() {
        Finding merged = new Finding.Nothing();
        for (Response each : responses.values()) {
            Finding found = finding(each);
            if (weight(found) > weight(merged)) {
                merged = found;
            }
        }
        return merged;
    }

    private Finding finding(Response response) {
        return switch (response) {
            case Response.Found(var _, Finding.Running(var owner)) -> running(owner);
            case Response.Found(var _, Finding.Promised(var claimants)) -> promised(claimants);
            case Response.Found(var _, var found) -> found;
            case Response.Absent _ -> new Finding.Nothing();
            case Response.Silent _ -> new Finding.Unsure();
        };
    }

    /** A call that was copied as running: the owner has the last word. Without it, the answer is unknown. */
    private Finding running(KeyOwner owner) {
        if (owner.equals(self)) {
            return new Finding.Nothing();
        }
        if (!members.contains(owner.node()) || owner.node().equals(self.node())) {
            return new Finding.Unknown();
        }
        return switch (responses.getOrDefault(owner.node(), new Response.Silent())) {
            case Response.Found(var from, var _) when !from.equals(owner) -> new Finding.Unknown();
            case Response.Found found when isGivenUp(owner, found) -> new Finding.Nothing();
            case Response.Absent _ -> new Finding.Unknown();
            case Response.Found _, Response.Silent _ -> new Finding.Running(owner);
        };
    }

    /** Whether the owner of a copy does not have the call any more: what else it has counts by itself. */
    static boolean isGivenUp(KeyOwner owner, Response response) {
        return response instanceof Response.Found(var from, var found)
                && from.equals(owner)
                && !found.equals(new Finding.Running(owner))
                && !(found instanceof Finding.Answered);
    }

    /** Claims that were given up do not count: their nodes have nothing of the key, or are silent themselves. */
    private Finding promised(Set<String> claimants) {
        return responses.keySet().containsAll(claimants) ? new Finding.Nothing() : new Finding.Unsure();
    }

    private static int weight(Finding found) {
        return switch (found) {
            case Finding.Nothing _, Finding.Claimed _, Finding.Full _ -> 0;
            case Finding.Unsure _, Finding.Promised _ -> 1;
            case Finding.Unknown _ -> 2;
            case Finding.Running _ -> 3;
            case Finding.Answered _ -> 4;
            case Finding.Reused _ -> 5;
        };
    }
}
