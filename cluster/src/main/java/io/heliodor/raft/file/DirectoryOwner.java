package io.heliodor.raft.file;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.raft.Storage.Condition;

/**
 * The node that a directory belongs to, the id of the directory, and its condition.
 *
 * @param confirms whether the directory states what it has confirmed; an earlier build did not
 */
record DirectoryOwner(String node, String directory, Condition condition, boolean confirms) {
    byte[] toBytes() {
        return new BinaryWriter(64)
                .text(node)
                .text(directory)
                .bool(condition == Condition.RECOVERED)
                .bool(condition == Condition.INCOMPLETE)
                .toBytes();
    }

    static DirectoryOwner of(byte[] bytes) throws DecodeException {
        BinaryReader in = new BinaryReader(bytes);
        String node = in.text();
        String directory = in.text();
        boolean recovered = in.bool();
        boolean confirms = in.more();
        Condition otherwise = confirms && in.bool() ? Condition.INCOMPLETE : Condition.WHOLE;
        return new DirectoryOwner(node, directory, recovered ? Condition.RECOVERED : otherwise, confirms);
    }

    DirectoryOwner with(Condition next) {
        return new DirectoryOwner(node, directory, next, confirms);
    }
}
