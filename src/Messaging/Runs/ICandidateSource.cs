using Engagement.Members;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Some members of a run's audience.</summary>
/// <param name="Candidates">Who, by member id; may be empty though others follow.</param>
/// <param name="Last">The last member who was looked at; <c>null</c> when nobody is left.</param>
public sealed record CandidatePage(IReadOnlyList<Candidate> Candidates, long? Last)
{
    /// <summary>Nobody is left.</summary>
    public static readonly CandidatePage End = new([], null);
}

/// <summary>Says whom a run means, a page at a time in the order of member ids, so that any process can go on from anywhere.</summary>
/// <remarks>What a page costs must not grow with the audience: it reads a window of members, never the whole set.</remarks>
public interface ICandidateSource
{
    /// <summary>Whether runs of this plan are its own.</summary>
    bool Makes(RunPlan plan);

    /// <summary>The next members after one, at most so many.</summary>
    Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit);
}

/// <summary>What sources share.</summary>
internal static class CandidatePages
{
    /// <summary>Plans these members; whoever's data cannot be read costs only themselves.</summary>
    public static async Task<List<Candidate>> PlanAsync(Session session, IReadOnlyList<long> members, Func<Eligibility, Candidate> plan)
    {
        try
        {
            return [.. (await RecipientStore.EligibilityAsync(session, members).ConfigureAwait(false)).Select(plan)];
        }
        catch (Exception failure) when (failure is InvalidCastException or FormatException or ArithmeticException or ArgumentException)
        {
            if (members.Count == 1) return [Candidate.Unusable(new MemberId(members[0]))];
            var planned = new List<Candidate>(members.Count);
            foreach (var member in members) planned.AddRange(await PlanAsync(session, [member], plan).ConfigureAwait(false));
            return planned;
        }
    }
}

/// <summary>Candidates who are known already: a list in memory. Its runs end with the process that holds it.</summary>
internal sealed class ListedCandidates(IEnumerable<Candidate> candidates) : ICandidateSource
{
    private readonly List<Candidate> _candidates = [.. candidates.OrderBy(c => c.Member.Value)];

    public bool Makes(RunPlan plan) => false;

    public Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit)
    {
        var (from, to) = (0, _candidates.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (_candidates[middle].Member.Value <= after) from = middle + 1;
            else to = middle;
        }

        var page = _candidates.GetRange(from, Math.Min(limit, _candidates.Count - from));
        return Task.FromResult(page.Count == 0 ? CandidatePage.End : new CandidatePage(page, page[^1].Member.Value));
    }
}
