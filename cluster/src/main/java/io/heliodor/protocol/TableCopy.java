package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.NamesMessage.Row;
import io.heliodor.protocol.NamesMessage.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The copy of the table on one member, whose changes are announced, and the pages of another table that is being received. */
final class TableCopy {
    private final NamesEffects effects;
    private final Map<Key, Claim> claims = new LinkedHashMap<>();
    private List<Row> incomingRows = List.of();
    private long incoming;
    private int parts;

    TableCopy(NamesEffects effects) {
        this.effects = effects;
    }

    /** The rows, which only this object changes. */
    Map<Key, Claim> claims() {
        return claims;
    }

    /** Begins a view: rows of members that left go, and so do the pages of the previous coordinator. */
    void view(View next) {
        parts = 0;
        for (Map.Entry<Key, Claim> row : List.copyOf(claims.entrySet())) {
            if (!next.has(row.getValue().peer())) {
                remove(row.getKey());
            }
        }
    }

    void put(Key key, Claim claim) {
        if (!claim.equals(claims.put(key, claim))) {
            effects.changed(key, Optional.of(claim));
        }
    }

    /** Removes a row if it is of this claim. */
    void remove(Key key, Peer owner, long registration) {
        Claim claim = claims.get(key);
        if (claim != null && claim.is(owner, registration)) {
            remove(key);
        }
    }

    private void remove(Key key) {
        claims.remove(key);
        effects.changed(key, Optional.empty());
    }

    void replace(Map<Key, Claim> next) {
        for (Key key : List.copyOf(claims.keySet())) {
            if (!next.containsKey(key)) {
                remove(key);
            }
        }
        next.forEach(this::put);
    }

    /** Adds a page of another table. Returns false if it is not the next one. */
    boolean add(Table page) {
        if (page.part() == 1) {
            incomingRows = new ArrayList<>();
            incoming = page.number();
            parts = 0;
        }
        if (page.number() != incoming || page.part() != parts + 1) {
            return false;
        }
        parts++;
        incomingRows.addAll(page.rows());
        return true;
    }

    /** The number of the table of which pages were received last. */
    long incoming() {
        return incoming;
    }

    /** The number of its pages, while it is being received. */
    int parts() {
        return parts;
    }

    /** The rows of a table whose last page was received. */
    List<Row> takeRows() {
        List<Row> rows = incomingRows;
        incomingRows = List.of();
        parts = 0;
        return rows;
    }
}
