namespace Engagement.Messaging.Dispatch;

/// <summary>Puts SMS that can share a call together: what their provider wants alike, no number twice, as many as it takes.</summary>
internal static class SmsBatches
{
    /// <summary>Gives the sends of each call one reference: the call has one OutId or session context, and receipts name it.</summary>
    public static IReadOnlyList<Decision> Arrange(IReadOnlyList<Decision> decisions)
    {
        var open = new Dictionary<string, List<Batch>>(StringComparer.Ordinal);
        return [.. decisions.Select(decision => decision is SendDecision { Channel: Channel.Sms } send ? Place(open, send) : decision)];
    }

    /// <summary>The calls that the durable sends make.</summary>
    public static IEnumerable<IReadOnlyList<SendDecision>> Calls(IEnumerable<SendDecision> sends) =>
        sends.Where(send => send.Channel == Channel.Sms).GroupBy(send => send.Reference).Select(call => (IReadOnlyList<SendDecision>)[.. call]);

    private static SendDecision Place(Dictionary<string, List<Batch>> open, SendDecision send)
    {
        var route = send.Route!;
        var key = route.CallKey(send.Values, send.ExtendCode);
        if (!open.TryGetValue(key, out var batches)) open[key] = batches = [];
        // Families share phones, and a receipt names only the call and the number.
        var batch = batches.Find(b => b.Numbers.Count < route.Capabilities.NumbersPerCall && !b.Numbers.Contains(send.Address));
        if (batch is null) batches.Add(batch = new Batch(send.Reference, []));
        batch.Numbers.Add(send.Address);
        return send with { Reference = batch.Reference };
    }

    private sealed record Batch(string Reference, HashSet<string> Numbers);
}
