using Engagement.Sandbox;

return await SandboxApp.RunAsync(args);
