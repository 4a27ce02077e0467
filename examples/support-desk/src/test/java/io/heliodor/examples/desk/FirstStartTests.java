package io.heliodor.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Nodes that start at the same time, with a database that has no tables yet. */
@EnabledIf(value = "io.heliodor.examples.desk.Postgres#isExpected", disabledReason = Postgres.MISSING)
class FirstStartTests {
    private static final int NODES = 8;
    private static final int ROUNDS = 10;

    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        DataSourceInitializationAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        JdbcClientAutoConfiguration.class
    })
    static class Database {}

    @Test
    @Timeout(60)
    void oneNodeCreatesTheTablesAndTheExamples() throws Exception {
        try (Postgres postgres = Postgres.start();
                var context = new SpringApplicationBuilder(Database.class)
                        .web(WebApplicationType.NONE)
                        .profiles("postgres", "demo")
                        .run(
                                "--spring.datasource.url=" + postgres.url(),
                                "--spring.datasource.username=" + postgres.user());
                ExecutorService nodes = Executors.newFixedThreadPool(NODES)) {
            JdbcClient database = context.getBean(JdbcClient.class);
            var scripts = context.getBean(DataSourceScriptDatabaseInitializer.class);
            for (int round = 0; round < ROUNDS; round++) {
                database.sql("DROP TABLE seen, message, ticket").update();
                CyclicBarrier start = new CyclicBarrier(NODES);
                List<Future<Boolean>> started = new ArrayList<>();
                for (int node = 0; node < NODES; node++) {
                    started.add(nodes.submit(() -> {
                        start.await();
                        return scripts.initializeDatabase();
                    }));
                }
                for (Future<Boolean> node : started) {
                    assertThat(node.get()).isTrue();
                }
                assertThat(count(database, "ticket")).isEqualTo(3);
                assertThat(count(database, "message")).isEqualTo(5);
            }
        }
    }

    private static long count(JdbcClient database, String table) {
        return database.sql("SELECT count(*) FROM " + table).query(Long.class).single();
    }
}
