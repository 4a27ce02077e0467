package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Messages of a transaction, which clients get after its commit. */
class TransactionTests {
    record Number(int number) {}

    static final Event<Number> CHANGED = Event.of("changed", Number.class);
    static final Call<Number, Empty, Reason> SET = Call.of("set", Number.class, Empty.class);
    static final Call<Empty, Number, Reason> GET = Call.of("get", Empty.class, Number.class);

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    "heliodor.port=0",
                    "heliodor.host=127.0.0.1",
                    "heliodor.security=open",
                    "spring.datasource.generate-unique-name=true");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        Numbers numbers(JdbcClient database) {
            return new Numbers(database);
        }

        @Bean
        Listener listener() {
            return new Listener();
        }

        @Bean
        @ChannelMapping("numbers")
        Channel<Object, Empty> channel(Numbers numbers) {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(SET, (number, context) -> {
                        numbers.set(number.number(), () -> {
                            context.broadcast(CHANGED, number);
                            context.push(CHANGED, new Number(-number.number()));
                            context.channels().broadcast("numbers", CHANGED, number);
                        });
                        return Reply.ok();
                    })
                    .answer(GET, (nothing, context) -> Reply.ok(new Number(numbers.get())))
                    .onException(IllegalStateException.class, e -> Reply.error("rolled back"))
                    .build();
        }
    }

    static class Numbers {
        private final JdbcClient database;

        Numbers(JdbcClient database) {
            this.database = database;
            database.sql("CREATE TABLE counter (present INT)").update();
            database.sql("INSERT INTO counter VALUES (0)").update();
        }

        int get() {
            return database.sql("SELECT present FROM counter")
                    .query(Integer.class)
                    .single();
        }

        @Transactional
        public void set(int number, Runnable sending) {
            sending.run();
            database.sql("UPDATE counter SET present = ?").param(number).update();
            if (number < 0) {
                throw new IllegalStateException("a negative number");
            }
        }
    }

    private interface Checks {
        void run(Page page, Channels channels, TransactionTemplate transaction) throws Exception;
    }

    /** Runs code as a listener of the application does. */
    record Committed(Runnable code) {}

    static class Listener {
        @TransactionalEventListener
        void committed(Committed event) {
            event.code().run();
        }
    }

    private Numbers numbers;
    private ApplicationEventPublisher events;

    private void run(Checks checks) {
        application.run(context -> {
            assertThat(context).hasNotFailed();
            numbers = context.getBean(Numbers.class);
            events = context;
            int port = context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class);
            try (Page page = Page.open(port)) {
                assertThat(page.join("numbers")).contains("\"ok\"");
                checks.run(
                        page,
                        context.getBean(Channels.class),
                        new TransactionTemplate(context.getBean(PlatformTransactionManager.class)));
            }
        });
    }

    private static void changed(Page page, int number) throws InterruptedException {
        assertThat(page.receives()).endsWith("\"numbers\",\"changed\",{\"number\":" + number + "}]");
    }

    @Test
    void messagesOfAHandlerComeAfterTheCommitInTheirOrder() {
        run((page, channels, transaction) -> {
            for (int number = 1; number <= 50; number++) {
                page.sends("numbers", "set", "{\"number\":" + number + "}");
                changed(page, number);
                changed(page, -number);
                changed(page, number);
                assertThat(page.receives()).contains("phx_reply", "\"ok\"");
            }
        });
    }

    @Test
    void aClientThatReadsAfterAMessageDoesNotGetTheOldRow() {
        run((page, channels, transaction) -> {
            CountDownLatch read = new CountDownLatch(1);
            Thread writer = Thread.ofVirtual()
                    .start(() -> transaction.executeWithoutResult(status -> {
                        channels.broadcast("numbers", CHANGED, new Number(7));
                        numbers.set(7, () -> {});
                        channels.now().broadcast("numbers", CHANGED, new Number(0));
                        await(read);
                    }));
            changed(page, 0);
            assertThat(page.asks("numbers", "get", "{}")).contains("{\"number\":0}");
            read.countDown();
            changed(page, 7);
            assertThat(page.asks("numbers", "get", "{}")).contains("{\"number\":7}");
            writer.join();
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aRollbackDropsThem() {
        run((page, channels, transaction) -> {
            assertThat(page.asks("numbers", "set", "{\"number\":-1}")).contains("rolled back");
            assertThat(page.asks("numbers", "get", "{}")).contains("{\"number\":0}");
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                        channels.broadcast("numbers", CHANGED, new Number(1));
                        throw new IllegalStateException("a failure");
                    }))
                    .hasMessage("a failure");
            channels.broadcast("numbers", CHANGED, new Number(2));
            changed(page, 2);
        });
    }

    @Test
    void aTransactionWithinAnotherSendsWithItsOwnCommit() {
        run((page, channels, outer) -> {
            TransactionTemplate inner = new TransactionTemplate(outer.getTransactionManager());
            inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            outer.executeWithoutResult(status -> {
                channels.broadcast("numbers", CHANGED, new Number(2));
                inner.executeWithoutResult(within -> channels.broadcast("numbers", CHANGED, new Number(1)));
                assertThat(page).satisfies(open -> changed(open, 1));
            });
            changed(page, 2);
        });
    }

    @Test
    void codeThatRunsAfterTheCommitSends() {
        run((page, channels, transaction) -> {
            transaction.executeWithoutResult(status -> {
                channels.broadcast("numbers", CHANGED, new Number(1));
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        channels.broadcast("numbers", CHANGED, new Number(2));
                    }

                    @Override
                    public void afterCompletion(int completion) {
                        channels.broadcast("numbers", CHANGED, new Number(3));
                    }
                });
            });
            changed(page, 1);
            changed(page, 2);
            changed(page, 3);
        });
    }

    /** Spring calls its listeners among the synchronizations, in the order of their first use. */
    @Test
    void listenersOfTheCommitSendAfterTheTransaction() {
        run((page, channels, transaction) -> {
            TransactionTemplate own = with(transaction, TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            TransactionTemplate none = with(transaction, TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
            transaction.executeWithoutResult(status -> {
                channels.broadcast("numbers", CHANGED, new Number(1));
                events.publishEvent(new Committed(() -> channels.broadcast("numbers", CHANGED, new Number(3))));
                events.publishEvent(new Committed(
                        () -> own.executeWithoutResult(_ -> channels.broadcast("numbers", CHANGED, new Number(4)))));
                events.publishEvent(new Committed(
                        () -> none.executeWithoutResult(_ -> channels.broadcast("numbers", CHANGED, new Number(5)))));
                channels.broadcast("numbers", CHANGED, new Number(2));
            });
            for (int number = 1; number <= 5; number++) {
                changed(page, number);
            }
        });
    }

    @Test
    void codeThatRunsAfterARollbackSends() {
        run((page, channels, transaction) -> {
            transaction.executeWithoutResult(status -> {
                channels.broadcast("numbers", CHANGED, new Number(1));
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void afterCompletion(int completion) {
                        channels.broadcast("numbers", CHANGED, new Number(2));
                    }
                });
                status.setRollbackOnly();
            });
            changed(page, 2);
        });
    }

    private static TransactionTemplate with(TransactionTemplate like, int propagation) {
        TransactionTemplate template = new TransactionTemplate(like.getTransactionManager());
        template.setPropagationBehavior(propagation);
        return template;
    }

    /** Its rows are there, whatever happens afterwards. */
    @Test
    void codeWithoutATransactionSendsAtOnce() {
        run((page, channels, transaction) -> {
            TransactionTemplate supports = with(transaction, TransactionDefinition.PROPAGATION_SUPPORTS);
            TransactionTemplate notSupported = with(transaction, TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
            assertThatThrownBy(() -> supports.executeWithoutResult(status -> {
                        channels.broadcast("numbers", CHANGED, new Number(1));
                        throw new IllegalStateException("a failure");
                    }))
                    .hasMessage("a failure");
            changed(page, 1);
            transaction.executeWithoutResult(outer -> {
                channels.broadcast("numbers", CHANGED, new Number(4));
                CompletableFuture<Integer> waits =
                        channels.push("users:1", CHANGED, new Number(0)).toCompletableFuture();
                assertThatThrownBy(() -> notSupported.executeWithoutResult(status -> {
                            channels.broadcast("numbers", CHANGED, new Number(2));
                            assertThat(channels.push("users:1", CHANGED, new Number(0))
                                            .toCompletableFuture()
                                            .join())
                                    .isZero();
                            assertThatThrownBy(waits::join).isInstanceOf(IllegalStateException.class);
                            throw new IllegalStateException("a failure");
                        }))
                        .hasMessage("a failure");
                supports.executeWithoutResult(status -> channels.broadcast("numbers", CHANGED, new Number(5)));
                channels.now().broadcast("numbers", CHANGED, new Number(3));
            });
            for (int number = 2; number <= 5; number++) {
                changed(page, number);
            }
        });
    }

    @Test
    void aRolledBackSavepointDropsItsMessages() {
        run((page, channels, transaction) -> {
            TransactionTemplate nested = with(transaction, TransactionDefinition.PROPAGATION_NESTED);
            transaction.executeWithoutResult(outer -> {
                nested.executeWithoutResult(inner -> {
                    channels.broadcast("numbers", CHANGED, new Number(-1));
                    inner.setRollbackOnly();
                });
                channels.broadcast("numbers", CHANGED, new Number(1));
                nested.executeWithoutResult(inner -> {
                    channels.broadcast("numbers", CHANGED, new Number(-2));
                    nested.executeWithoutResult(_ -> channels.broadcast("numbers", CHANGED, new Number(-3)));
                    inner.setRollbackOnly();
                });
                nested.executeWithoutResult(inner -> {
                    channels.broadcast("numbers", CHANGED, new Number(2));
                    nested.executeWithoutResult(innermost -> {
                        channels.broadcast("numbers", CHANGED, new Number(-4));
                        innermost.setRollbackOnly();
                    });
                    channels.broadcast("numbers", CHANGED, new Number(3));
                });
                Object savepoint = outer.createSavepoint();
                for (int round = 0; round < 2; round++) {
                    channels.broadcast("numbers", CHANGED, new Number(-5));
                    outer.rollbackToSavepoint(savepoint);
                }
                channels.broadcast("numbers", CHANGED, new Number(4));
            });
            for (int number = 1; number <= 4; number++) {
                changed(page, number);
            }
            channels.broadcast("numbers", CHANGED, new Number(5));
            changed(page, 5);
        });
    }

    @Test
    void aFailureOfTheSendingDoesNotReachTheCommittedCode() {
        run((page, channels, transaction) -> {
            transaction.executeWithoutResult(status -> {
                channels.broadcast("x".repeat(1_000), CHANGED, new Number(1));
                channels.broadcast("numbers", CHANGED, new Number(2));
            });
            changed(page, 2);
        });
    }

    @Test
    void theCountOfAPushIsKnownAfterTheCommit() {
        run((page, channels, transaction) -> {
            var count = transaction.execute(status -> {
                var later = channels.push("users:1", CHANGED, new Number(1));
                assertThat(later.toCompletableFuture()).isNotDone();
                return later;
            });
            assertThat(count.toCompletableFuture().get()).isZero();
        });
    }

    @Test
    void aThreadDoesNotWaitForTheCountOfItsOwnTransaction() {
        run((page, channels, transaction) -> {
            transaction.executeWithoutResult(status -> {
                CompletableFuture<Integer> count =
                        channels.push("users:1", CHANGED, new Number(1)).toCompletableFuture();
                assertThatThrownBy(count::join)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith(
                                "The count of a push is known after the commit of its transaction, so this thread"
                                        + " would wait for itself, with its database connection: do not wait for it within the transaction.");
                assertThatThrownBy(() -> count.thenApply(n -> n + 1).get()).isInstanceOf(IllegalStateException.class);
                assertThat(channels.now()
                                .push("users:1", CHANGED, new Number(1))
                                .toCompletableFuture()
                                .join())
                        .isZero();
            });
            assertThat(channels.push("users:1", CHANGED, new Number(1))
                            .toCompletableFuture()
                            .join())
                    .isZero();
        });
    }
}
