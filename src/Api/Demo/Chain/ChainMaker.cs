using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// Makes a whole chain from published purchase parameters (<see cref="PurchaseModel"/>): stores, products, members,
/// eighteen months of tickets up to yesterday, and the story's five people.
/// </summary>
internal static class ChainMaker
{
    /// <summary>The source code of what is made.</summary>
    public const string Source = "till";

    /// <summary>The chain of these options.</summary>
    public static ChainData Make(ChainOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Members, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Members, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Stores, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Stores, 200);

        var stores = Stores.Make(options.Stores);
        var products = ProductList.Embedded;
        var maker = new PersonMaker(options, Source, stores);
        var history = new History(options, products);
        var people = Enumerable.Range(0, options.Members).Select(maker.Make);
        return Assemble(options, maker, stores, people, history.Of) with
        {
            Made = [new(
                $"全部数据均为生成：会员为虚构，号码取 {maker.Phones.Pattern}，购买按公开的 BG/NBD、Gamma-Gamma 参数和续购间隔生成，种子 {options.Seed}。",
                $"All of it was made: invented people, phone numbers {maker.Phones.Pattern}, purchases from published BG/NBD and Gamma-Gamma parameters and refill gaps, seed {options.Seed}.")],
        };
    }

    /// <summary>Puts people and their tickets together with the story's five.</summary>
    public static ChainData Assemble(
        ChainOptions options, PersonMaker maker, IReadOnlyList<StoreRow> stores, IEnumerable<Person> people, Func<Person, IEnumerable<Ticket>> tickets)
    {
        var products = ProductList.Embedded;
        var story = new Story(options, products, maker.Phones, stores[0].Code);
        var storyTill = new TicketWriter(options, Story.Source, stores);
        var till = new TicketWriter(options, maker.Source, stores);
        return new ChainData
        {
            Source = maker.Source,
            People = options.Members + Story.Size,
            Stores = stores,
            Products = products.All,
            Members = story.People.Select(p => p.Person.Row).Concat(people.SelectMany(p => Rows(maker, p))),
            Lines = story.People.SelectMany(p => storyTill.Write(p.Person, p.Tickets)).Concat(people.SelectMany(p => till.Write(p, tickets(p)))),
            Identities = story.People.Select(p => p.Person).Concat(people).Select(p => p.Identity).OfType<DemoIdentity>(),
            Made = [],
        };
    }

    private static IEnumerable<MemberRow> Rows(PersonMaker maker, Person person)
    {
        yield return person.Row;
        if (maker.DuplicateOf(person) is { } again) yield return again;
    }
}
