package io.heliodor.observe;

import java.util.Locale;

/**
 * The events of the logger {@code io.heliodor.audit}. Their names are stable: a release adds some, and changes none.
 *
 * <p>Each event is a line of the level info. Its fields are key and value pairs, which are also in the text of the line. A line has no token
 * and no payload.
 */
public enum AuditEvent {
    /** A connect handler refused a client, or threw. */
    CONNECT_REFUSED(true),
    /** A fresh token of an open connection was refused. */
    REFRESH_REFUSED(true),
    /** A join was refused. */
    JOIN_REFUSED(true),
    /** The page of a dashboard was requested with a wrong token. */
    DASHBOARD_REFUSED(true),
    /** The server disconnected a connection. */
    DISCONNECTED(false),
    /** The server kicked a connection. */
    KICKED(false),
    /** A member was removed from a topic, by a call or because it lost its right. */
    REMOVED(false),
    /** A drain of an endpoint began, also that of its close. */
    DRAIN(false),
    /** An operator requested an action by a dashboard, executed or not. */
    DASHBOARD_ACTION(false),
    /** Events of one name were left out, because there were more than the log takes. */
    LEFT_OUT(false);

    private final boolean fromClients;

    AuditEvent(boolean fromClients) {
        this.fromClients = fromClients;
    }

    /**
     * Whether any client can cause the event. The log has 100 such events at once and then one a second for each name; of others it has
     * 1 000 at once and then 100 a second.
     *
     * @return false if code of the server or an operator causes it
     */
    public boolean isFromClients() {
        return fromClients;
    }

    /**
     * Returns the name, which is the value of the field {@code event} and the first word of the line.
     *
     * @return lower-case letters and {@code _}, such as {@code join_refused}
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
