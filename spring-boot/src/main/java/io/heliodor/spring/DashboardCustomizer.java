package io.heliodor.spring;

import io.heliodor.dashboard.Dashboard;

/**
 * Changes the dashboard before it is built, in a bean: settings that have no property, such as the payloads that traces show. After the
 * properties. It needs {@code heliodor-dashboard}.
 */
@FunctionalInterface
public interface DashboardCustomizer {
    /**
     * Changes the settings.
     *
     * @param dashboard the settings by the properties
     */
    void customize(Dashboard.Builder dashboard);
}
