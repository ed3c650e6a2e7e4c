namespace Engagement.Messaging.Dispatch;

/// <summary>Puts SMS that can share a call together: one template, one signature, no number twice, as many as the provider takes.</summary>
internal static class SmsBatches
{
    /// <summary>What SendBatchSms takes.</summary>
    public const int Size = 100;

    /// <summary>Gives the sends of each call one reference: the call has one OutId, and receipts name it.</summary>
    public static IReadOnlyList<Decision> Arrange(IReadOnlyList<Decision> decisions)
    {
        var open = new Dictionary<(string Template, string Sign), List<Batch>>();
        return [.. decisions.Select(decision => decision is SendDecision { Channel: Channel.Sms } send ? Place(open, send) : decision)];
    }

    /// <summary>The calls that the durable sends make.</summary>
    public static IEnumerable<IReadOnlyList<SendDecision>> Calls(IEnumerable<SendDecision> sends) =>
        sends.Where(send => send.Channel == Channel.Sms).GroupBy(send => send.Reference).Select(call => (IReadOnlyList<SendDecision>)[.. call]);

    private static SendDecision Place(Dictionary<(string, string), List<Batch>> open, SendDecision send)
    {
        if (!open.TryGetValue((send.TemplateId, send.SignName), out var batches)) open[(send.TemplateId, send.SignName)] = batches = [];
        // Families share phones, and a receipt names only the call and the number.
        var batch = batches.Find(b => b.Numbers.Count < Size && !b.Numbers.Contains(send.Address));
        if (batch is null) batches.Add(batch = new Batch(send.Reference, []));
        batch.Numbers.Add(send.Address);
        return send with { Reference = batch.Reference };
    }

    private sealed record Batch(string Reference, HashSet<string> Numbers);
}
