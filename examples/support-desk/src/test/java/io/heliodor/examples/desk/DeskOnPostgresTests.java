package io.heliodor.examples.desk;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The same with PostgreSQL. */
@EnabledIf(value = "io.heliodor.examples.desk.Postgres#isExpected", disabledReason = Postgres.MISSING)
@ActiveProfiles("postgres")
@DirtiesContext
class DeskOnPostgresTests extends DeskTests {
    private static Postgres postgres;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) throws Exception {
        postgres = Postgres.start();
        properties.add("spring.datasource.url", postgres::url);
        properties.add("spring.datasource.username", postgres::user);
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }
}
