/** Rates and memory budgets of clients, limits of histories, and logs with a rate. */
package io.heliodor.session.budget;
