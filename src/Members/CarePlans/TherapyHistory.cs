using Engagement.Members.Products;

namespace Engagement.Members.CarePlans;

/// <summary>What the purchases and the statements of one therapy line add up to, step by step in the order of their days.</summary>
internal sealed class TherapyHistory
{
    /// <summary>How many days "3 天后提醒" waits.</summary>
    public const int LaterDays = 3;

    // A ticket so near to 已购买 is the purchase that was meant.
    private const int SamePurchase = 3;

    private readonly List<Fill> _fills = [];
    private int? _firstDose;
    private int? _dose;
    // Whether what is left was told in days, by a person or by the prescription: then no dose stands behind it.
    private bool _inDays;
    private TherapySupply? _supply;

    private TherapyHistory()
    {
    }

    /// <summary>What it comes to; <c>null</c> when everything went back and nobody said anything.</summary>
    public TherapySupply? Supply => _supply;

    /// <summary>Every supply, in order; what early ones leave over is not yet shifted.</summary>
    public IReadOnlyList<Fill> Fills => _fills;

    /// <summary>Adds up.</summary>
    /// <param name="purchases">The purchases, in any order.</param>
    /// <param name="statements">The statements, in any order.</param>
    /// <param name="product">The long-term medicine with an id.</param>
    public static TherapyHistory Of(IReadOnlyCollection<TherapyPurchase> purchases, IReadOnlyCollection<TherapyStatement> statements, Func<long, Product?> product)
    {
        var kept = TherapySupply.Kept(purchases);
        var history = new TherapyHistory
        {
            // Who completes a dose that nobody knew means what was bought before, too.
            _firstDose = statements.Where(s => s.Kind == StatementKind.Dose).OrderBy(s => s.Id).FirstOrDefault()?.UnitsPerDayMilli,
        };
        var steps = kept.Select(k => (k.Purchase.Day, Id: k.Purchase.LineId, Fill: (KeptFill?)k, Said: (TherapyStatement?)null))
            .Concat(statements.Select(s => (s.Day, s.Id, Fill: (KeptFill?)null, Said: (TherapyStatement?)s)))
            .OrderBy(step => step.Day).ThenBy(step => step.Id).ToList();
        for (var i = 0; i < steps.Count;)
        {
            if (steps[i].Said is { } said)
            {
                history.Hear(said, kept, product);
                i++;
                continue;
            }

            // Packs of one day are one supply, as far as nothing was said between them.
            var fills = steps.Skip(i).TakeWhile(step => step.Fill is not null && step.Day == steps[i].Day).Select(step => step.Fill!.Value).ToList();
            history.Take(steps[i].Day, fills);
            i += fills.Count;
        }

        if (history._supply is { } supply && statements.Count > 0)
        {
            var isTaken = kept.Count > 0 || statements.Any(s => s.Kind is StatementKind.Entered or StatementKind.Bought or StatementKind.StillHave);
            history._supply = supply with { StatedDose = history._dose, Stated = true, Stopped = supply.Stopped || !isTaken };
        }

        return history;
    }

    private void Take(int day, List<KeptFill> fills)
    {
        var days = TherapySupply.DaysOf(fills, DoseOf);
        _inDays = fills.TrueForAll(fill => fill.Purchase.DaysSupply is not null);
        _fills.Add(new Fill(day, days ?? 0));
        _supply = new TherapySupply(
            fills.MaxBy(f => f.Purchase.LineId).Purchase.Product, _supply?.FirstFillDay ?? day, day, Coverage.Extend(_supply?.CoverageEnd, new Fill(day, days ?? 0)), days is not null)
        {
            Source = _supply?.Source ?? TherapySource.Tickets,
        };
    }

    private void Hear(TherapyStatement said, List<KeptFill> kept, Func<long, Product?> product)
    {
        var supply = _supply ?? new TherapySupply(said.ProductId is { } id ? product(id) : null, said.Day, said.Day, said.Day - 1, false) { Source = said.Teller };
        _supply = said.Kind switch
        {
            StatementKind.Entered => said.Days is { } left ? Stock(supply, said.Day, left) : supply,
            StatementKind.Dose => Redose(supply, said.Day, said.UnitsPerDayMilli!.Value),
            StatementKind.Bought => Bought(supply, said, kept),
            StatementKind.StillHave => Stock(supply, said.Day, said.Days!.Value),
            StatementKind.Stopped => supply with { Stopped = true, RemindOn = null },
            StatementKind.Later => supply with { RemindOn = said.Day + LaterDays },
        };
    }

    // Who says how much is there knows better than any sum.
    private TherapySupply Stock(TherapySupply supply, int day, int days)
    {
        _inDays = true;
        return supply with { CoverageEnd = day + days - 1, DoseKnown = true, Stopped = false, RemindOn = null };
    }

    private TherapySupply Bought(TherapySupply supply, TherapyStatement said, List<KeptFill> kept)
    {
        var open = supply with { Stopped = false, RemindOn = null };
        if (kept.Any(k => Math.Abs(k.Purchase.Day - said.Day) <= SamePurchase)) return open;
        var fill = new Fill(said.Day, said.Days!.Value);
        _fills.Add(fill);
        _inDays = true;
        return open with { LastFillDay = said.Day, CoverageEnd = Coverage.Extend(supply.CoverageEnd, fill), DoseKnown = true };
    }

    // What is left lasts longer or shorter from now on; but the first dose that is told changes no days that were told.
    private TherapySupply Redose(TherapySupply supply, int day, int perDayMilli)
    {
        var before = _dose ?? (_inDays ? perDayMilli : supply.Product?.UnitsPerDayMilli ?? _firstDose);
        _dose = perDayMilli;
        var left = supply.CoverageEnd - day + 1;
        return before is not > 0 || left <= 0 ? supply : supply with { CoverageEnd = day - 1 + (int)Math.Min((long)left * before.Value / perDayMilli, int.MaxValue / 4) };
    }

    private int? DoseOf(Product product) => _dose ?? product.UnitsPerDayMilli ?? _firstDose;
}
