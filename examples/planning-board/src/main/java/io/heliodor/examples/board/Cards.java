package io.heliodor.examples.board;

import java.sql.*;
import java.util.*;
import javax.sql.DataSource;

/** The cards, in a database whose table schema.sql creates. */
record Cards(DataSource database) {
    enum Column {
        TODO,
        DOING,
        DONE,
        ARCHIVED
    }

    record Card(long id, String title, Column column) {}

    List<Card> open() throws SQLException {
        return query("SELECT * FROM cards WHERE place <> 'ARCHIVED' ORDER BY id");
    }

    Card add(String title) throws SQLException {
        return query("SELECT * FROM FINAL TABLE (INSERT INTO cards (title) VALUES (?))", title)
                .getFirst();
    }

    Optional<Card> move(long id, Column column) throws SQLException {
        String update = "UPDATE cards SET place = ? WHERE id = ?";
        return query("SELECT * FROM FINAL TABLE (" + update + ")", column.name(), id).stream()
                .findFirst();
    }

    private List<Card> query(String sql, Object... values) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            List<Card> cards = new ArrayList<>();
            for (ResultSet row = statement.executeQuery(); row.next(); ) {
                cards.add(new Card(row.getLong("id"), row.getString("title"), Column.valueOf(row.getString("place"))));
            }
            return cards;
        }
    }
}
