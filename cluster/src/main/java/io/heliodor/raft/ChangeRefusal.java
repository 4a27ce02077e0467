package io.heliodor.raft;

/** Why a change of the voters was not accepted. */
public enum ChangeRefusal {
    /** This node does not lead, or leads since a moment only. Try again. */
    NOT_LEADING,
    /** Another change is not committed yet. Try again. */
    CHANGING,
    /** The list is like that already. */
    NO_CHANGE,
    /** It is the last voter. */
    LAST,
    /** The new voter is not a member with a directory, or does not have all entries yet. Try again. */
    NOT_CAUGHT_UP
}
