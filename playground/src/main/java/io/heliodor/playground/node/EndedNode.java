package io.heliodor.playground.node;

import io.heliodor.node.Ending;
import io.heliodor.node.Node;
import io.heliodor.playground.node.Result.Done;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The end of a node that closed itself, as the commands report it: one line with a code, and exit status 1. */
public final class EndedNode {
    /** A close may take 15 s. */
    private static final long CLOSE_SECONDS = 30;

    private EndedNode() {}

    /**
     * Calls an action when a node has closed itself.
     *
     * @param node the node
     * @param then gets the line to print, which begins with the code of the shell
     */
    public static void listen(Node node, Consumer<String> then) {
        var _ = node.ended().thenAccept(how -> reason(how).map(EndedNode::line).ifPresent(then));
    }

    /**
     * Closes a node after a failure, of which its end may be the cause.
     *
     * @param node the node, which may be ending
     * @return the line to print if it closed itself
     */
    public static Optional<String> close(Node node) {
        return closed(node).map(EndedNode::line);
    }

    /** As {@link #close}, and returns the code and the reason. */
    static Optional<Result.Failed<Done>> closed(Node node) {
        node.close();
        try {
            return reason(node.ended().get(CLOSE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** The reason of an end; empty if the node was closed by its program. */
    static Optional<Result.Failed<Done>> reason(Ending how) {
        return switch (how) {
            case Ending.Closed() -> Optional.empty();
            case Ending.NameTaken _ ->
                failed(ErrorCode.NAME_TAKEN, "another node of this name was in the cluster before this one");
            case Ending.CopyLost(String why) -> failed(ErrorCode.REFUSED, why);
            case Ending.InMinority(var members) ->
                failed(ErrorCode.NO_QUORUM, "this node is in a minority, with " + members);
        };
    }

    private static Optional<Result.Failed<Done>> failed(ErrorCode code, String why) {
        return Optional.of(new Result.Failed<>(code, why));
    }

    private static String line(Result.Failed<Done> failed) {
        return failed.code().text() + ": " + failed.message().replaceAll("\\R", " ");
    }
}
