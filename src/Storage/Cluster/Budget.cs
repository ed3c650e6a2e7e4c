namespace Engagement.Storage.Cluster;

/// <summary>So many permits a second for all nodes together. Over any span of s seconds no more than s × <paramref name="PerSecond"/> + <paramref name="Burst"/> are granted.</summary>
/// <param name="Name">Which budget; the same name is the same budget on every node.</param>
/// <param name="PerSecond">How many permits come back in a second; more than 0.</param>
/// <param name="Burst">How many may lie unused; at least 1.</param>
public readonly record struct Budget(string Name, double PerSecond, int Burst);

/// <summary>Permits that are wanted from several budgets at once: one permit is one of each.</summary>
/// <param name="Budgets">All of them must have it.</param>
/// <param name="Count">How many are wanted.</param>
public readonly record struct BudgetRequest(IReadOnlyList<Budget> Budgets, int Count);

/// <summary>What may go now.</summary>
/// <param name="Count">From 0 to what was wanted. It is spent, used or not.</param>
/// <param name="Pause">When it pays to ask for the rest; zero when there is none.</param>
public readonly record struct BudgetGrant(int Count, TimeSpan Pause);
