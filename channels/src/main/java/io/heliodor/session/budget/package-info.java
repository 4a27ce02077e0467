/** Rates and memory budgets of clients, and logs with a rate. */
package io.heliodor.session.budget;
