package io.heliodor.examples;

import io.heliodor.document.DocumentFullException;
import io.heliodor.document.DocumentStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

// @start region=store
/** Documents in a database that all nodes share. */
record SqlStore(DataSource database) implements DocumentStore {
    static final String TABLES = """
            CREATE TABLE documents (name VARCHAR(255) PRIMARY KEY, last_position BIGINT NOT NULL);
            CREATE TABLE updates (document VARCHAR(255), position BIGINT, content BYTEA NOT NULL,
                PRIMARY KEY (document, position));
            """;

    // The database counts the bytes: a driver may take all rows into memory at once.
    private static final String READ = """
            SELECT position, content FROM (
                SELECT position, content, SUM(OCTET_LENGTH(content) + 12) OVER (ORDER BY position) AS bytes FROM (
                    SELECT position, content FROM updates WHERE document = ? AND position > ?
                    ORDER BY position FETCH FIRST 100 ROWS ONLY) AS following) AS summed
            WHERE bytes <= ? OR bytes = OCTET_LENGTH(content) + 12 ORDER BY position
            """;

    private static final long MAX_BYTES = 16 << 20;

    @Override
    public Stored read(String document, long after, int maxBytes) throws SQLException {
        try (Connection connection = database.getConnection()) {
            // First: it is not newer than the updates.
            long last = number(connection, "SELECT MAX(position) FROM updates WHERE document = ?", document);
            List<Update> updates = new ArrayList<>();
            try (PreparedStatement select = prepare(connection, READ, document, after, maxBytes);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    updates.add(new Update(rows.getLong(1), rows.getBytes(2)));
                }
            }
            return new Stored(last, updates);
        }
    }

    @Override
    public long write(String document, byte[] update, long replaced) throws SQLException, DocumentFullException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                long position = replaced == 0
                        ? add(connection, document, update)
                        : replace(connection, document, update, replaced);
                connection.commit();
                return position;
            } finally {
                connection.rollback(); // without effect after the commit
                connection.setAutoCommit(true);
            }
        }
    }

    private static long add(Connection connection, String document, byte[] update)
            throws SQLException, DocumentFullException {
        // Locks the document until the commit.
        if (change(connection, "UPDATE documents SET last_position = last_position + 1 WHERE name = ?", document)
                == 0) {
            long first = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            change(connection, "INSERT INTO documents VALUES (?, ?)", document, first);
        }
        long bytes =
                number(connection, "SELECT SUM(OCTET_LENGTH(content) + 128) FROM updates WHERE document = ?", document);
        if (bytes + update.length > MAX_BYTES) {
            throw new DocumentFullException(document + " has " + bytes + " bytes");
        }
        long position = number(connection, "SELECT last_position FROM documents WHERE name = ?", document);
        change(connection, "INSERT INTO updates VALUES (?, ?, ?)", document, position, update);
        return position;
    }

    private static long replace(Connection connection, String document, byte[] snapshot, long position)
            throws SQLException {
        long _ = number(connection, "SELECT last_position FROM documents WHERE name = ? FOR UPDATE", document);
        String update = "UPDATE updates SET content = ? WHERE document = ? AND position = ?";
        if (change(connection, update, snapshot, document, position) == 0) {
            return 0;
        }
        change(connection, "DELETE FROM updates WHERE document = ? AND position < ?", document, position);
        return position;
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    private static int change(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, values)) {
            return statement.executeUpdate();
        }
    }

    /** The only number of a query; 0 if it is null. */
    private static long number(Connection connection, String sql, String document) throws SQLException {
        try (PreparedStatement select = prepare(connection, sql, document);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
// @end
