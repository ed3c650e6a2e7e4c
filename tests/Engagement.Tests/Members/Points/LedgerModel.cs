namespace Engagement.Tests.Members.Points;

/// <summary>The ledger of one member as the rules say it, worked out day by day with nothing skipped: what the real one is compared with.</summary>
internal sealed class LedgerModel(int today)
{
    private const int PendingDays = 7;
    private const int ValidDays = 30;

    private readonly List<ModelLot> _lots = [];
    private int _today = today;

    public long Owed { get; private set; }

    public long Pending => _lots.Where(lot => lot.Last is null).Sum(lot => lot.Rest);

    public long Active => _lots.Where(lot => lot.Last is not null).Sum(lot => lot.Rest);

    public List<ModelOrder> Orders { get; } = [];

    public List<(string Key, Dictionary<ModelLot, long> Taken)> Redemptions { get; } = [];

    /// <summary>Every day on its own: first what is over goes, then what was pending comes.</summary>
    public void PassTo(int day)
    {
        while (_today < day)
        {
            _today++;
            foreach (var lot in _lots.Where(lot => lot.Last < _today)) lot.Rest = 0;
            Wake();
        }
    }

    public void Earn(long order, long points, int day)
    {
        _lots.Add(new ModelLot(order, day + PendingDays) { Rest = points });
        Orders.Add(new ModelOrder(order, points));
        Wake();
    }

    public bool Redeem(string key, long points)
    {
        if (Active < points) return false;
        Redemptions.Add((key, Take(points)));
        return true;
    }

    public void Cancel(int index)
    {
        var taken = Redemptions[index].Taken;
        Redemptions.RemoveAt(index);
        foreach (var (lot, points) in taken) lot.Rest += points;
        foreach (var lot in taken.Keys.OrderBy(lot => lot.Last).ThenBy(_lots.IndexOf))
        {
            var settled = Math.Min(Owed, Math.Min(lot.Rest, taken[lot]));
            (lot.Rest, Owed) = (lot.Rest - settled, Owed - settled);
        }

        foreach (var lot in taken.Keys.Where(lot => lot.Last < _today)) lot.Rest = 0;
    }

    public void ClawBack(long order, long points)
    {
        foreach (var own in _lots.Where(lot => lot.Order == order))
        {
            var taken = Math.Min(own.Rest, points);
            (own.Rest, points) = (own.Rest - taken, points - taken);
        }

        var others = Math.Min(Active, points);
        Take(others);
        Owed += points - others;
    }

    private void Wake()
    {
        foreach (var lot in _lots.Where(lot => lot.Last is null && lot.From <= _today && lot.Rest > 0).OrderBy(lot => lot.From))
        {
            lot.Last = lot.From + ValidDays;
            var settled = Math.Min(Owed, lot.Rest);
            (lot.Rest, Owed) = (lot.Rest - settled, Owed - settled);
        }
    }

    private Dictionary<ModelLot, long> Take(long points)
    {
        var taken = new Dictionary<ModelLot, long>();
        foreach (var lot in _lots.Where(lot => lot.Last is not null && lot.Rest > 0).OrderBy(lot => lot.Last).ThenBy(_lots.IndexOf))
        {
            var part = Math.Min(points, lot.Rest);
            if (part == 0) break;
            taken.Add(lot, part);
            (lot.Rest, points) = (lot.Rest - part, points - part);
        }

        return taken;
    }
}

/// <summary>A lot of the model.</summary>
internal sealed class ModelLot(long order, int from)
{
    public long Order => order;

    public int From => from;

    public int? Last { get; set; }

    public long Rest { get; set; }
}

/// <summary>An order of the model: one point a yuan, refunds in fen.</summary>
internal sealed class ModelOrder(long id, long earned)
{
    public long Id => id;

    public long Earned => earned;

    public long Fen => earned * 100 + 70;

    public long Refunded { get; set; }

    public long Reversed { get; set; }

    /// <summary>The points of a refund, by the rule: rounded down over all refunds together.</summary>
    public long Refund(long fen)
    {
        Refunded += fen;
        var now = earned * Refunded / Fen - Reversed;
        Reversed += now;
        return now;
    }
}
