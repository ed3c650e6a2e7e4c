using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>The accounts of some members, locked inside one write. What is done to them is written by <see cref="SaveAsync"/>, in few statements.</summary>
internal sealed class OpenLedger(Tx tx, IdGenerator ids, TimeProvider businessClock)
{
    private readonly SortedDictionary<long, Account> _accounts = [];
    private readonly Dictionary<long, int?> _nextDays = [];

    /// <summary>The civil day on which all this happens.</summary>
    public int Today { get; } = businessClock.Today();

    public Account this[long member] => _accounts[member];

    /// <summary>Locks and reads accounts, in the order of members: two writes never wait for each other in a circle.</summary>
    public async Task OpenAsync(IEnumerable<long> members)
    {
        var opening = members.Distinct().Where(member => !_accounts.ContainsKey(member)).Order().ToList();
        foreach (var member in opening) _accounts.Add(member, new Account(member, ids.Next));
        await LedgerStore.LockAsync(tx, opening).ConfigureAwait(false);
        await LedgerStore.ReadAccountsAsync(tx, opening, member => _accounts[member]).ConfigureAwait(false);
        foreach (var member in opening) _nextDays.Add(member, _accounts[member].NextDay);
    }

    /// <summary>Reads what is open of these accounts and brings them up to today. Those that only earn, and are up to date, may do without.</summary>
    public async Task LoadLotsAsync(IEnumerable<long> members)
    {
        var loading = members.Distinct().Where(member => !_accounts[member].HasLots).ToList();
        await LedgerStore.ReadOpenLotsAsync(tx, loading, member => _accounts[member]).ConfigureAwait(false);
        foreach (var account in loading.Select(member => _accounts[member]))
        {
            account.HasLots = true;
            account.CatchUp(Today);
        }
    }

    /// <summary>Opens one account with everything that is open of it.</summary>
    public async Task<Account> OpenOneAsync(long member)
    {
        await OpenAsync([member]).ConfigureAwait(false);
        await LoadLotsAsync([member]).ConfigureAwait(false);
        return _accounts[member];
    }

    /// <summary>Writes what has come about.</summary>
    public async Task SaveAsync()
    {
        var changed = _accounts.Values.Where(account => account.IsChanged || account.NextDay != _nextDays[account.Member]).ToList();
        if (changed.Count > 0) await LedgerStore.SaveAsync(tx, changed, businessClock.NowMs()).ConfigureAwait(false);
    }
}
