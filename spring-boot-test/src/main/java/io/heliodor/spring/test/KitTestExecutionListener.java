package io.heliodor.spring.test;

import org.springframework.core.Ordered;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import org.springframework.test.context.support.DependencyInjectionTestExecutionListener;

/** Closes the kit of a test after it, before its mocks are reset and its transaction ends. */
final class KitTestExecutionListener extends AbstractTestExecutionListener {
    /** The last listener is the first one after a test. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void afterTestMethod(TestContext test) {
        if (!test.hasApplicationContext()) {
            return;
        }
        KitScope scope = KitScope.of(test.getApplicationContext());
        if (scope != null && scope.end()) {
            // An instance for all tests of a class gets the next kit.
            test.setAttribute(DependencyInjectionTestExecutionListener.REINJECT_DEPENDENCIES_ATTRIBUTE, true);
        }
    }
}
